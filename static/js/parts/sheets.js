// The sheets over the page open by their address (#seventeen, #more), so they work without scripts and the back button
// closes them. Scripts add: the 17 opens its sheet while it dials, Escape closes, the keyboard lands inside.

/**
 * @param {{ called: () => void }} options called when somebody taps 17
 */
export function sheets({ called }) {
  document.getElementById("call")?.addEventListener("click", () => {
    called();
    open("seventeen");
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-close]")) {
      event.preventDefault();
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    }
  });
  window.addEventListener("hashchange", settle);
  settle();
}

/** @param {string} id */
function open(id) {
  if (window.location.hash !== `#${id}`) {
    window.location.hash = id;
  }
}

function close() {
  if (sheetOpen()) {
    window.location.hash = "main";
  }
}

function sheetOpen() {
  const id = window.location.hash.slice(1);
  return id === "seventeen" || id === "more" ? document.getElementById(id) : null;
}

/** What lies under an open sheet is out of reach of the keyboard and of screen readers. */
function settle() {
  const sheet = sheetOpen();
  for (const part of document.querySelectorAll("main > section:not(.sheet), .head")) {
    part.toggleAttribute("inert", sheet !== null);
  }
  document.body.classList.toggle("sheet-open", sheet !== null);
  sheet?.focus({ preventScroll: true });
}
