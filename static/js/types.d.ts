// Shapes shared by the browser modules. Ambient, because an import() inside a comment would confuse the hashing.

// ---- The live page (/alert/<place>/) ----

type Freshness = "live" | "late" | "lost";

interface ServerClock {
  /** The server said its time; `since` is a moment of performance.now() when it had not yet done so. */
  set(serverNow: string, since?: number): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether, since the last question, the machine slept or its clock was set. */
  jumped(): boolean;
}

/** One action of a responder that the service has not answered yet. */
interface LiveDeed {
  id: string;
  at: string;
  action: string;
  [more: string]: unknown;
}

/** Where somebody is: degrees (WGS 84), metres. */
interface LivePlace {
  latitude: number;
  longitude: number;
  accuracy: number | null;
}

/** One fix of her phone, as position_line of the server gives it: metres per second, percent, ISO 8601. */
interface LivePosition extends LivePlace {
  speed: number | null;
  battery: number | null;
  recorded_at: string;
  /** The instant of the fix on the server's clock: ages count from here. */
  fixed_at: string;
  commune?: string | null;
  departement?: { code: string; name: string } | null;
  /** Commune and département in words, by language; null where none is near. */
  where?: Record<string, string> | null;
  /** What else the police should know of the place, by language. */
  beside?: Record<string, string> | null;
  /** House number and street by language, if the installation asks for them and the answer is there. */
  street?: Record<string, string> | null;
}

interface LiveResponder {
  contact: number;
  name: string;
  you: boolean;
  opened: boolean;
  in_charge: boolean;
  /** By which way, "sms" for instance; null for who is not in charge. */
  in_charge_by: string | null;
  role: string | null;
  position: (LivePlace & { at: string }) | null;
}

/** What a line of the timeline says about one message: its round, for which contact, by which way, how far it got. */
interface LiveMessage {
  round: string;
  to: number;
  way: string;
  outcome: string;
}

interface LiveLine {
  sequence: number;
  at: string;
  kind: string;
  about: "people" | "messages" | "positions";
  message: LiveMessage | null;
  text: string;
}

/** The lines about the messages of one round, the newest first. */
interface LiveFold {
  round: string;
  lines: LiveLine[];
}

interface LiveCall {
  contact: number;
  by: string;
  since: string;
  /** Null while it goes on. */
  outcome: "reached" | "not_reached" | null;
  /** What 17 said. */
  note: string;
}

type TrackStop = [number, number, string];

/** The snapshot of the contract. */
interface LiveSnapshot {
  server_now: string;
  sequence: number;
  alert: { kind: string; state: string; ended: boolean; drill: boolean; opened_at: string };
  victim: { name: string; phone_allowed: boolean };
  position: LivePosition | null;
  track: TrackStop[];
  responders: LiveResponder[];
  in_charge: string | null;
  /** Calls to 17, the most telling first: `seventeen` of the contract is their first. */
  calls: LiveCall[];
  /** Who sits in the video room; null once the alert is over. */
  room: RoomLine | null;
  timeline: LiveLine[];
}

/** Somebody in the video room, as responders/domain/room.py tells it. */
interface RoomSeat {
  seat: number;
  /** Null for her, and for nobody else. */
  contact: number | null;
  her: boolean;
  state: "joining" | "connected";
  publishes: ("audio" | "video")[];
  /** Whether the telephone there plays the others' voices. */
  hears: boolean;
  /** Names this very taking of the seat: another one means another browser, or the same one again. */
  taking: string;
}

interface RoomLine {
  /** Whether the media process answers. */
  up: boolean;
  seats: RoomSeat[];
}

/** A message of the socket; which facts it holds depends on its type. */
interface LiveEvent {
  type: string;
  sequence: number;
  event?: Omit<LiveLine, "text"> & { texts: Record<string, string> };
  positions?: LivePosition[];
  contact?: number;
  opened?: boolean;
  position?: (LivePlace & { at: string }) | null;
  role?: string;
  in_charge?: string | null;
  by?: string;
  calls?: LiveCall[];
  kind?: string;
  state?: string;
  /** Contacts who have a live page open now. */
  here?: number[];
  /** The street of her newest position, by language. */
  street?: Record<string, string>;
  /** The video room. */
  up?: boolean;
  seats?: RoomSeat[];
}

// ---- Inside the video room (parts/room*.js) ----

type RoomKind = "audio" | "video";

/** How the page stands to the room. The last five are ends: a tap begins anew. */
type RoomState = "joining" | "in" | "again" | "away" | "blocked" | "full" | "replaced" | "unable" | "over" | "left";

/** What the server says to who sits down. */
interface RoomTaken {
  seat: number;
  offer: string;
  taking: string;
  ice_servers: RTCIceServer[];
}

/** What the service answered; status 0 when nothing came back, `code` that of the error. */
interface RoomReply {
  status: number;
  code: string;
  body: any;
  /** Seconds. */
  retryAfter: number;
}

/** Where seats are taken: `parts/roomdesk.js`, or `parts/herdesk.js` for her own. Never throws. */
interface RoomDesk {
  take(): Promise<RoomReply>;
  /** `sdp` (RFC 8866), once for each taking. */
  answer(taken: RoomTaken, sdp: string): Promise<RoomReply>;
  /** How the seat stands, with new credentials for the relays. */
  look(): Promise<RoomReply>;
  /** Also while the page goes away; if it is not heard, the server frees the seat by itself. */
  free(taken: RoomTaken): void;
}

/** What a seat in the room asks of the page that takes it, and tells it. */
interface RoomCallAround {
  desk: RoomDesk;
  /** The reader's contact; null for her. */
  me: number | null;
  peer(servers: RTCIceServer[]): RTCPeerConnection;
  /** Whether the others' sounds, or pictures, are taken at all. */
  hears(kind: RoomKind): boolean;
  tracks(): Record<RoomKind, MediaStreamTrack | null>;
  onState(state: RoomState): void;
  onPeer(peer: RTCPeerConnection | null, seat: number): void;
}

/** One person on the page. */
interface RoomTile {
  /** The same person keeps it through every taking of a seat. */
  key: string;
  seat: number;
  taking: string;
  name: string;
  /** A key of the words, or nothing. */
  role: string;
  you: boolean;
  state: "joining" | "connected";
  /** Whether the telephone there plays the others' voices. */
  hears: boolean;
  audio: boolean;
  video: boolean;
}

/** What the page remembers of who was there, to say it once. */
interface RoomMemory {
  known: Set<string>;
  /** When somebody was no longer there, milliseconds. */
  missing: Map<string, number>;
}

interface RoomVoices {
  /** When each seat was last heard speaking, milliseconds. */
  heard: Map<number, number>;
  speaking: Set<number>;
  loudest: number | null;
  /** Since when it is the loudest. */
  since: number;
}

/** Counters of the connection at one moment, each only growing unless said otherwise. */
interface RoomCounts {
  received: number;
  lost: number;
  concealed: number;
  samples: number;
  /** Seconds, as it is now. */
  roundTrip: number;
  /** From 0 to 1, as it is now: what the other side missed of ours. */
  missed: number;
  /** How loud the reader is, from 0 to 1. */
  own: number;
  /** Decoded, by seat. */
  pictures: Map<number, number>;
}

type RoomQuality = "good" | "weak" | "some" | "sound" | "bad";

/** A judgement that needs several observations to change. */
interface RoomJudgement {
  said: RoomQuality;
  seen: RoomQuality;
  times: number;
}

/** The contract's error: a code for programs, a sentence for people. */
interface LiveRefusal {
  code: string;
  message: string;
  fields: Record<string, string>;
}

/** What `static/js/pure/stream.js` knows: the last number let through, and what waits for its turn. */
interface StreamGate {
  last: number;
  held: LiveEvent[];
}

interface StreamPassage {
  gate: StreamGate;
  events: LiveEvent[];
  missing: boolean;
}

interface LiveSettings {
  zone: string;
  language: string;
  me: number;
  /** Seconds. */
  late_after: number;
  lost_after: number;
  /** Pictures under the map, null where there are none. */
  tiles: LiveTiles | null;
}

/** The base map of this installation, from our own origin. */
interface LiveTiles {
  /** With {z}, {x} and {y}. */
  url: string;
  source: string;
  /** The last level that was drawn; nearer, it is enlarged. */
  deepest: number;
  /** Whoever draws them failed a moment ago. */
  rests: boolean;
}

/** The communes around her, as responders/domain/outlining.py packs them. */
interface GroundOutlines {
  source: string;
  per_degree: number;
  communes: { name: string; insee: string; label: [number, number]; rings: number[][] }[];
}

/** One commune in degrees: latitude, longitude. */
interface GroundCommune {
  name: string;
  label: [number, number];
  rings: [number, number][][];
}

/** What lies somewhere on the map, in pixels; x and y are its middle. */
interface GroundBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Words, reader and clock: what every sentence of the page needs. */
interface LiveSpeaker {
  words: Record<string, string>;
  settings: LiveSettings;
  /** The server's clock, milliseconds since 1970. */
  now(): number;
  /** A moment as 21:04 in her time zone. */
  time(moment: string): string;
}

/** The layers that the page's own script drew, handed over by responders/livemap.py. */
interface LiveMapLayers {
  map: L.Map;
  her: L.CircleMarker;
  accuracy: L.Circle;
  track: L.Polyline;
  /** Seconds before the page was written, one for each stop of the track. */
  ages: number[];
}

declare var liveMap: LiveMapLayers | undefined;

// ---- The companion page (/phone/) ----

type Gesture = "single" | "double" | "long";

/** One event on the surface. `t` in milliseconds on any clock that only moves forward; x and y in CSS pixels. */
interface Touched {
  kind: "down" | "move" | "up" | "cancel" | "tick";
  pointer: number;
  x: number;
  y: number;
  t: number;
}

interface Hand {
  phase: "idle" | "pressed" | "waiting" | "settling" | "spent" | "over";
  /** Taps already counted before the present press. */
  taps: number;
  /** The present press goes on after its contact broke: it is among `taps` already. */
  counted: boolean;
  /** The contact came back too soon for a finger. */
  broken: boolean;
  pointer: number;
  x: number;
  y: number;
  /** When the present phase began. */
  t: number;
  /** When the present or the last press began, broken contacts included. */
  since: number;
  /** Fingers beside the one that presses. */
  others: { pointer: number; x: number; y: number }[];
}

interface Felt {
  hand: Hand;
  gestures: Gesture[];
  /** When to feed a tick, or null. */
  wake: number | null;
}

/** Gestures being tried. `until`: milliseconds on the page's own clock. */
interface RehearsalState {
  until: number;
  last: Gesture | null;
  made: Record<Gesture, number>;
}

/** Presses of a Bluetooth button; times in milliseconds. */
interface ButtonHand {
  presses: number;
  /** The last press, or the moment the finger left. */
  at: number;
  isDown: boolean;
  since: number;
  /** The present press has been told already. */
  isSpent: boolean;
  /** This button tells when the finger leaves. */
  releases: boolean;
}

/** What a Bluetooth button looks like to her. */
interface ButtonState {
  /** `again`: known, but this browser wants to be asked once more. */
  standing: "none" | "choosing" | "joining" | "in" | "lost" | "again";
  name: string;
  /** Percent, or null where it does not say. */
  battery: number | null;
  /** Lost since then, ISO 8601. */
  since: string | null;
  /** Why the last choice led to nothing: a word, or nothing. */
  why: "" | "none_chosen" | "refused" | "unfit";
}

interface KeptButton {
  id: string;
  name: string;
  releases: boolean;
}

interface ButtonAround {
  bluetooth: Radio;
  now(): number;
  made(gesture: Gesture): void;
  changed(): void;
  keep(button: KeptButton | null): void;
}

/** Web Bluetooth (W3C community group), as far as a button needs it. */
interface Radio {
  requestDevice(wanted: object): Promise<RadioDevice>;
  getDevices?: () => Promise<RadioDevice[]>;
}

interface RadioDevice extends EventTarget {
  id: string;
  name?: string;
  gatt: RadioServer;
  forget?: () => Promise<void>;
  watchAdvertisements?: () => Promise<void>;
}

interface RadioServer {
  connected: boolean;
  connect(): Promise<RadioServer>;
  disconnect(): void;
  getPrimaryService(service: number): Promise<{ getCharacteristic(name: number): Promise<RadioCharacteristic> }>;
}

interface RadioCharacteristic extends EventTarget {
  value?: DataView | null;
  readValue(): Promise<DataView>;
  startNotifications(): Promise<unknown>;
  writeValue(bytes: Uint8Array): Promise<void>;
  writeValueWithoutResponse(bytes: Uint8Array): Promise<void>;
}

/** A fix as the API takes it: degrees, metres, metres per second, percent, ISO 8601. */
interface Fix {
  id: string;
  latitude: number;
  longitude: number;
  accuracy: number | null;
  speed: number | null;
  heading: number | null;
  altitude: number | null;
  battery: number | null;
  recorded_at: string;
}

/** A click of hers that the service has not acknowledged yet. Kept in IndexedDB under its id. */
interface PendingClick {
  id: string;
  gesture: Gesture;
  clicked_at: string;
  /** The service found it too old: she is asked. */
  stale: boolean;
}

type Verdict = "sent" | "stale" | "spare" | "unpaired" | "refused" | "later";

interface ToldContact {
  id: number;
  name: string;
  deliveries: { channel: "sms" | "voice" | "email"; state: string }[];
  opened: boolean;
  in_charge: boolean;
  /** Answered that she or he cannot help. */
  declined: boolean;
  /** Answered STOP: no SMS reaches this number. */
  stopped: boolean;
  /** Taken out of this alert from this telephone. */
  removed?: boolean;
}

interface PhoneAlert {
  id: string;
  kind: "prevention" | "rescue" | "alarm";
  state: "open" | "closed" | "expired";
  drill: boolean;
  opened_at: string;
  contacts: ToldContact[];
  in_charge: string | null;
  /** A minute after the click or later, nobody is known to have received it. */
  nobody_reached: boolean;
}

/** What the service answered; status 0 when nothing came back, `code` that of the error. */
interface Answer {
  status: number;
  code: string;
  body: Record<string, unknown>;
  /** Seconds, from Retry-After; 0 when absent. */
  wait: number;
}

/** The phone API; never throws. */
interface PhoneApi {
  token: string | null;
  /** `body`: JSON, or bytes as they are. */
  call(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** What a reload finds of her alert. */
interface KeptAlert {
  alert: PhoneAlert;
  followed: boolean;
  /** Whom she took out, by their id. */
  removed?: number[];
}

/** How this telephone stands (`PUT /phone/standing`). */
interface PhoneStanding {
  position: "granted" | "prompt" | "denied" | "absent";
  battery: number | null;
  /** Null: she uses none; absent: not heard. */
  button?: { battery: number | null } | null;
}

type KeptKey = "phone" | "alert" | "settings" | "button";

/** What outlives a reload. */
interface PhoneStore {
  kept(key: KeptKey): Promise<unknown>;
  keep(key: KeptKey, value: unknown): Promise<void>;
  clicks(): Promise<PendingClick[]>;
  keepClick(click: PendingClick): Promise<void>;
  forgetClick(id: string): Promise<void>;
  fixes(): Promise<Fix[]>;
  keepFix(fix: Fix): Promise<void>;
  forgetFixes(fixes: Fix[]): Promise<void>;
  forgetEverything(): Promise<void>;
}

/** What the outbox and the tracker ask of the page around them, and tell it. */
interface Surroundings {
  battery(): number | null;
  lastFix(): Fix | null;
  /** The service acknowledged a click with this alert. */
  acknowledged(alert: PhoneAlert): void;
  /** A click was not sent again: this alert runs already, and it would add nothing. */
  spared(alert: PhoneAlert): void;
  /** The credential opens nothing any more. */
  unpaired(): void;
  /** The telephone did not keep what it should. */
  forgetful(): void;
  /** Whether the service answered just now. */
  heard(answered: boolean): void;
  /** Whether fixes may be sent: the service knows of an alert they belong to. */
  maySend(): boolean;
  changed(): void;
}

/** What the page knows, from which everything shown is derived. */
interface PhoneState {
  paired: boolean;
  revoked: boolean;
  pending: PendingClick[];
  /** A pending click has waited for longer than a few seconds, or was answered by an error. */
  late: boolean;
  /** The service could not be reached lately. */
  cut: boolean;
  alert: PhoneAlert | null;
  /** Whom she took out of it on this telephone, by their id. */
  removed: number[];
  /** A gesture on this telephone stands behind the alert: only then does it say where it is. */
  followed: boolean;
  /** When the alert ended, as shown to her; null while none has ended since the page opened. */
  ended: string | null;
  /** Her last click was not sent again, because the alert runs already. */
  spare: boolean;
  fixes: number;
  position: "granted" | "prompt" | "denied" | "absent";
  /** The telephone refuses to keep what waits. */
  forgetful: boolean;
  /** The siren sounds here. */
  sounding: boolean;
  /** Gestures are only tried. */
  rehearsal: RehearsalState | null;
  /** The address by which the click that waits leaves as a text, or nothing. */
  text: string;
  /** Her Bluetooth button; null where there is none. */
  button: ButtonState | null;
}

/** One contact as shown: a word, and how each message stands. */
interface ToldPerson {
  name: string;
  what: string;
  how: string[];
}

interface PhoneView {
  screen: "unpaired" | "surface";
  /** The words in the middle of the surface. */
  word: string;
  /** The small line beneath. */
  line: string;
  ways: boolean;
  text: string;
  alert: boolean;
  /** Something runs that only her code ends. */
  end: boolean;
  rehearsal: boolean;
  /** Nothing runs and nothing waits: gestures may be tried. */
  mayRehearse: boolean;
  /** Offer her microphone: relatives meet for this alert. */
  voice: boolean;
  revoked: boolean;
  /** Somebody can be taken out of the alert. */
  remove: boolean;
  /** Offer to follow this telephone: the alert was opened elsewhere. */
  follow: boolean;
  /** Offer to ask for the permission. */
  allow: boolean;
  /** A click that waited too long: send it now? Or nothing. */
  ask: string;
  notices: string[];
  contacts: ToldPerson[];
}

/** How her microphone and her camera stand. */
interface VoiceState {
  standing: "off" | "loading" | RoomState;
  /** Why it ended: a word, or nothing. */
  why: string;
  /** What a device wants or lacks: a word, or nothing. */
  device: string;
  /** Her sound arrives. */
  heard: boolean;
  listeners: number;
  /** Which camera, or nothing. */
  picture: "" | "user" | "environment";
  hasTwoCameras: boolean;
  /** This telephone plays the others' voices. */
  hears: boolean;
}

interface VoiceView {
  on: boolean;
  line: string;
  main: string;
  camera: string;
  facing: boolean;
  hear: string;
}

/** What `parts/roomher.js` gives, as the page's own code uses it. */
interface HerSeatHandle {
  open(): Promise<void>;
  close(): void;
  toggleCamera(): Promise<void>;
  turnCamera(): Promise<void>;
  hear(ears: HTMLAudioElement[]): void;
}

interface HerSeatAround {
  api: PhoneApi;
  told(news: Partial<VoiceState>): void;
  ended(why: string): void;
}

/** What the parts of the page know, each for itself. */
interface PhoneParts {
  outbox: { late(): boolean; pending(): PendingClick[] };
  tracker: { waiting(): number; last(): Fix | null };
  chosen: { text(click: PendingClick | undefined, fix: Fix | null): string };
  siren: { sounding(): boolean };
  rehearsal: { state: RehearsalState | null; forget(): void };
}

interface CompanionAround {
  api: PhoneApi;
  store: PhoneStore;
  words: Words;
  language: string;
  voice: { offer(offered: boolean): void };
  siren: { sounding(): boolean; start(how?: { listening: boolean }): void; stop(): void };
  rehearsal: { state: RehearsalState | null; takes(gesture: Gesture): boolean; forget(): void };
  recorder: {
    isOn(): boolean;
    pressed(gesture: Gesture): void;
    follow(state: PhoneState, isChosen: boolean): void;
    restore(): Promise<void>;
    forget(): void;
  };
}

type Words = Record<string, string>;

/** What a service worker's global scope offers, as far as ours uses it. */
interface ServiceWorkerScope extends EventTarget {
  shell: { version: string; page: string; files: string[] };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}

interface WorkerEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

interface WorkerFetchEvent extends WorkerEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface BatteryManager {
  level: number;
}

interface Navigator {
  getBattery?: () => Promise<BatteryManager>;
  bluetooth?: Radio;
  /** Safari 16.4 and later. */
  audioSession?: { type: string };
}

// ---- The sound of a long press (parts/phone/recorder.js) ----

/** One recording of the API: what is between her press and its end. */
interface SoundRecording {
  id: string;
  /** ISO 8601. */
  started_at: string;
  media_type: string;
  /** How many chunks were made of it so far; the number of the next. */
  made: number;
  /** The service has a header of it: what follows can be heard. */
  isSafe: boolean;
  /** The service forgot it once already, and was told again. */
  isToldAgain: boolean;
  /** An earlier page made it; nothing of it is said here. */
  isFound?: boolean;
}

/** A second of sound on the telephone, in a database that nobody can read without the service. */
interface KeptSound {
  name: string;
  id: string;
  started_at: string;
  media_type: string;
  number: number;
  segment: number;
  first: boolean;
  at: string;
  /** HPKE (RFC 9180). */
  sealed: ArrayBuffer;
}

interface SoundKeeping {
  left(): Promise<SoundJob[]>;
  keep(job: SoundJob): void;
  forget(jobs: SoundJob[]): void;
  clear(): void;
}

/** A second of sound. `first` of its segment: it holds the header. `at`: when it began, ISO 8601. */
interface SoundChunk {
  recording: SoundRecording;
  kind: "chunk";
  number: number;
  segment: number;
  first: boolean;
  at: string;
  bytes: ArrayBuffer;
  /** The bytes waited on the telephone, sealed to the service. */
  isSealed?: boolean;
}

type SoundJob =
  | { recording: SoundRecording; kind: "begin" }
  | SoundChunk
  | { recording: SoundRecording; kind: "close"; chunks: number };

type SoundVerdict = "done" | "lost" | "anew" | "over" | "later" | "unpaired";

/** How the recording of her page stands. */
interface SoundState {
  /** `again`: the microphone is lost or taken, and asked for again. */
  standing: "off" | "opening" | "on" | "again";
  /** Why it does not record: a word, or nothing. */
  why: string;
  /** ISO 8601. */
  since: string | null;
  /** The service has the first second. */
  isSafe: boolean;
  isMuted: boolean;
  /** Seconds that the service does not have yet. */
  waiting: number;
  /** Seconds that it will never have. */
  lost: number;
  /** It may be begun by a tap: an alarm of hers runs, and she chose to record. */
  isOffered: boolean;
}

interface SoundView {
  shown: boolean;
  on: boolean;
  line: string;
  key: string;
}

/** Whether this page may hear; `unable`: this browser does not record. */
type Hearing = "granted" | "prompt" | "denied" | "unable";

/** What the microphone hands over: bytes of a segment, the first of which hold its header. */
interface MicrophoneAround {
  heard(piece: { segment: number; first: boolean; at: string; bytes: ArrayBuffer }): void;
  muted(isMuted: boolean): void;
  lost(): void;
}

interface MicrophoneHandle {
  /** Asks for it and begins; raises what the browser raises. */
  open(): Promise<void>;
  /** Off at once; kept once the last bytes are handed over. */
  close(): Promise<void>;
}

/** What `parts/phone/microphone.js` gives, as the page's own code uses it. */
interface MicrophoneCode {
  mediaType(): string;
  Microphone: new (around: MicrophoneAround) => MicrophoneHandle;
}

interface RecorderAround {
  api: PhoneApi;
  words: Words;
  language: string;
  /** Where the microphone is allowed and tried. */
  ear: { offer(isChosen: boolean, isCalm: boolean): void };
  keeper: SoundKeeping;
  load(): Promise<MicrophoneCode>;
  unpaired(): void;
}

interface SoundPostAround {
  /** Whether the service can know of the alert by now. */
  mayBegin(): boolean;
  /** A click of hers is still on its way. */
  isExpecting(): boolean;
  changed(): void;
  /** The service takes nothing more of this recording. */
  refused(recording: SoundRecording, code: string): void;
  unpaired(): void;
  keeper: SoundKeeping;
}
