// The lines of the one offer: a0 v0 to a7 v7, two of them our own. Tracks come and go without a word to the server.

const VIDEO_BITS = 600_000;
/** @type {RoomKind[]} */
const KINDS = ["audio", "video"];

/**
 * @param {RTCPeerConnection | null} peer
 * @param {RoomKind} kind
 * @param {number} seat
 */
export function lineOf(peer, kind, seat) {
  return peer?.getTransceivers().find((one) => one.mid === `${kind.slice(0, 1)}${seat}`) ?? null;
}

/**
 * Our own two lines send; of the others we take what is heard or seen here. The answer goes out at once, without
 * candidates: it is we who find the server.
 * @param {RTCPeerConnection} peer
 * @param {RoomTaken} taken
 * @param {{ tracks: () => Record<RoomKind, MediaStreamTrack | null>, hears: (kind: RoomKind) => boolean }} around
 * @returns {Promise<string>} SDP
 */
export async function answerTo(peer, { offer, seat }, { tracks, hears }) {
  await peer.setRemoteDescription({ type: "offer", sdp: offer });
  peer.getTransceivers().forEach((line) => {
    line.direction = hears(line.mid?.startsWith("a") ? "audio" : "video") ? "recvonly" : "inactive";
  });
  for (const kind of KINDS) {
    const line = lineOf(peer, kind, seat);
    if (line) {
      line.direction = "sendonly";
      await line.sender.replaceTrack(tracks()[kind]);
    }
  }
  await peer.setLocalDescription(await peer.createAnswer());
  limit(lineOf(peer, "video", seat)?.sender);
  return peer.localDescription?.sdp ?? "";
}

/**
 * @param {RTCPeerConnection | null} peer
 * @param {number} seat
 * @param {Record<RoomKind, MediaStreamTrack | null>} tracks
 */
export function send(peer, seat, tracks) {
  for (const kind of KINDS) {
    const sender = lineOf(peer, kind, seat)?.sender;
    if (sender && sender.track !== tracks[kind]) {
      sender.replaceTrack(tracks[kind]).catch(() => undefined); // the connection ended meanwhile: the next one sends it
    }
  }
}

/** @param {RTCRtpSender | undefined} sender */
function limit(sender) {
  const parameters = sender?.getParameters();
  const [encoding] = parameters?.encodings ?? [];
  if (sender && parameters && encoding) {
    encoding.maxBitrate = VIDEO_BITS;
    sender.setParameters(parameters).catch(() => undefined); // the server's own limit remains
  }
}
