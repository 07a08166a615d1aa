/** The report of a drill that goes on, read again every few seconds while somebody looks. */

const EVERY = 5000;

/** @param {Document | Element} inside */
const report = (inside) => inside.querySelector("[data-report]");

async function again() {
  const shown = report(document);
  if (document.visibilityState !== "visible" || shown === null) {
    return true;
  }
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  const read = report(new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (!answer.ok || read === null) {
    return true;
  }
  if (!read.hasAttribute("data-goes-on")) {
    location.reload();
    return false;
  }
  shown.replaceWith(document.adoptNode(read));
  return true;
}

function wait() {
  setTimeout(() => {
    again().catch(() => true).then((goesOn) => {
      if (goesOn) {
        wait();
      }
    });
  }, EVERY);
}

wait();
