// Pointer events as a telephone's screen reports them: [kind, milliseconds, x, y, pointer], written after what screens are known
// to do under a glove, a wet or a trembling hand (contacts that break, split in two, jump and drift). No glove was worn for them.

/** @typedef {[Touched["kind"], number, number?, number?, number?]} Moment */

/** @type {Record<string, {events: Moment[], made: string[]}>} */
export const RECORDINGS = {
  "a thumb in a glove taps: a slow, wide contact that slides five millimetres": {
    events: [["down", 0, 180, 300], ["move", 16, 184, 309], ["move", 50, 191, 322], ["move", 110, 198, 331], ["up", 214, 202, 333]],
    made: ["single@714"],
  },
  "the contact of a glove breaks for 24 ms in a tap": {
    events: [["down", 0, 180, 300, 1], ["up", 96, 181, 302, 1], ["down", 120, 186, 305, 2], ["up", 190, 187, 306, 2]],
    made: ["single@690"],
  },
  "a contact that trembles before it holds is one tap": {
    events: [["down", 0, 180, 300, 1], ["up", 12, 180, 300, 1], ["down", 28, 182, 303, 2], ["up", 160, 184, 305, 2]],
    made: ["single@660"],
  },
  "two taps in a glove, the second late and four centimetres away": {
    events: [["down", 0, 180, 300], ["up", 170, 186, 310], ["down", 610, 250, 480], ["move", 640, 262, 500], ["up", 790, 270, 512]],
    made: ["double@790"],
  },
  "both taps of a glove break": {
    events: [
      ["down", 0, 180, 300, 1], ["up", 70, 180, 300, 1], ["down", 98, 183, 303, 2], ["up", 150, 184, 303, 2],
      ["down", 380, 176, 308, 3], ["up", 455, 178, 310, 3], ["down", 480, 180, 312, 4], ["up", 560, 181, 312, 4],
    ],
    made: ["double@455"],
  },
  "a long press in a glove, whose contact breaks three times": {
    events: [
      ["down", 0, 180, 300, 1], ["up", 260, 182, 305, 1], ["down", 290, 190, 310, 2], ["up", 480, 191, 311, 2],
      ["down", 512, 186, 304, 3], ["up", 700, 186, 306, 3], ["down", 724, 188, 309, 4], ["up", 1500, 190, 310, 4],
    ],
    made: ["long@900"],
  },
  "a long press whose contact splits in two fingers, the first of which is lost": {
    events: [
      ["down", 0, 180, 300, 1], ["down", 130, 228, 330, 2], ["move", 180, 182, 304, 1], ["up", 340, 182, 304, 1],
      ["move", 600, 232, 335, 2], ["up", 1400, 233, 336, 2],
    ],
    made: ["long@900"],
  },
  "a fat fingertip that is two contacts at once is one tap": {
    events: [["down", 0, 180, 300, 1], ["down", 4, 230, 318, 2], ["up", 120, 181, 301, 1], ["up", 131, 231, 319, 2]],
    made: ["single@631"],
  },
  "a palm far away rests while the finger taps twice": {
    events: [
      ["down", 0, 100, 200, 1], ["down", 20, 300, 460, 2], ["up", 90, 101, 202, 1],
      ["down", 280, 104, 206, 3], ["move", 300, 302, 464, 2], ["up", 380, 104, 208, 3], ["up", 900, 300, 460, 2],
    ],
    made: ["double@380"],
  },
  "a hand that trembles at eight hertz holds on": {
    events: [
      ["down", 0, 180, 300],
      ...Array.from({ length: 80 }, (_none, index) => /** @type {Moment} */ (
        ["move", 12 * (index + 1), 180 + 26 * Math.sin(0.6 * index), 300 + 22 * Math.cos(0.6 * index)])),
      ["up", 1300, 190, 310],
    ],
    made: ["long@900"],
  },
  "a sleeve that wipes across the screen is nothing": {
    events: [["down", 0, 40, 300], ["move", 40, 120, 305], ["move", 90, 240, 310], ["up", 130, 330, 312]],
    made: [],
  },
  "a program that clicks twice in no time is two taps": {
    events: [["down", 0], ["up", 1], ["down", 3], ["up", 4]],
    made: ["double@4"],
  },
  "a program that taps twice, with the delays of a slow machine": {
    events: [["down", 0], ["up", 3], ["down", 15], ["up", 19]],
    made: ["double@19"],
  },
};
