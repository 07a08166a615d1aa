/** Three seconds of her microphone, for her eyes alone: nothing is kept, nothing leaves. Asked for when she tries it. */

import { loudness, trouble } from "../../pure/soundview.js";
import { ask, letGo } from "./microphone.js";

const LOOKS = 30;
const APART_MS = 100;
/** What a quiet room is below, and a voice in it above. */
const VOICE = 0.2;

/**
 * @param {(level: number) => void} level how loud it is now: 0 to 1
 * @returns {Promise<"good" | "faint" | "absent" | "busy" | "refused" | "unable">}
 */
export async function tryMicrophone(level) {
  /** @type {MediaStream | null} */
  let stream = null;
  const context = new AudioContext();
  try {
    stream = await ask();
    return await listen(stream, context, level) > VOICE ? "good" : "faint";
  } catch (error) {
    return trouble(error);
  } finally {
    letGo(stream);
    context.close();
    level(0);
  }
}

/**
 * @param {MediaStream} stream
 * @param {AudioContext} context
 * @param {(level: number) => void} level
 */
async function listen(stream, context, level) {
  const ear = new AnalyserNode(context, { fftSize: 2048 });
  context.createMediaStreamSource(stream).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  let loudest = 0;
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, APART_MS);
    });
    ear.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, loudness(samples));
    level(loudness(samples));
  }
  return loudest;
}
