// The server's clock in this browser, as cautious as it can be: a fix may look older than it is, never younger.

const JUMP = 2000; // milliseconds; both clocks are corrected by less in a second

/**
 * Two clocks run on from the last word of the server, and the faster one counts: the steady one stands still while some
 * machines sleep, the wall clock is set by people and networks.
 * @param {{ wall: () => number, steady: () => number }} clocks milliseconds
 * @returns {ServerClock}
 */
export function serverTime({ wall, steady }) {
  let server = 0;
  let began = { wall: 0, steady: 0 };
  let apart = wall() - steady();
  return {
    set(serverNow, since = steady()) {
      server = Date.parse(serverNow);
      began = { wall: wall() - (steady() - since), steady: since };
      apart = wall() - steady();
    },
    now: () => server + Math.max(wall() - began.wall, steady() - began.steady),
    jumped() {
      const before = apart;
      apart = wall() - steady();
      return Math.abs(apart - before) > JUMP;
    },
  };
}
