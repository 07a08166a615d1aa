/** A recording in parts: one begins when the one before ends, and two never sound at once. */

const players = [...document.querySelectorAll("[data-parts] audio")].filter((one) => one instanceof HTMLAudioElement);

players.forEach((player, at) => {
  player.addEventListener("play", () => {
    players.filter((other) => other !== player).forEach((other) => other.pause());
  });
  player.addEventListener("ended", () => {
    players[at + 1]?.play().catch(() => {});
  });
});
