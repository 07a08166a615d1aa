// Keeps the page current: the snapshot over HTTP, again and again.

const PAUSE = 5000;

/**
 * @param {{
 *   url: string,
 *   snapshotUrl: string,
 *   onSnapshot: (snapshot: LiveSnapshot) => void,
 *   onEvent: (event: LiveEvent) => void,
 *   onState: (state: string) => void,
 * }} options
 */
export function connect({ snapshotUrl, onSnapshot, onState }) {
  const read = async () => {
    try {
      const answer = await fetch(snapshotUrl, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        onState("polling");
        onSnapshot(await answer.json());
      }
    } catch {
      onState("offline");
    }
  };
  setInterval(read, PAUSE);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && read());
}
