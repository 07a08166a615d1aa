/** A recording in parts: one begins when the one before ends, two never sound at once, and all begin low. */

const LOW = 0.3;

const players = [...document.querySelectorAll("[data-parts] audio")].filter((one) => one instanceof HTMLAudioElement);

players.forEach((player, at) => {
  player.volume = LOW;
  player.addEventListener("play", () => {
    players.filter((other) => other !== player).forEach((other) => other.pause());
  });
  player.addEventListener("ended", () => {
    players[at + 1]?.play().catch(() => {});
  });
});
