// Shapes shared by the browser modules. Ambient, because an import() inside a comment would confuse the hashing.

// ---- The live page (/alert/<place>/) ----

type Freshness = "live" | "late" | "lost";

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
}

interface LiveResponder {
  contact: number;
  name: string;
  you: boolean;
  opened: boolean;
  in_charge: boolean;
  role: string | null;
  position: (LivePlace & { at: string }) | null;
}

interface LiveLine {
  sequence: number;
  at: string;
  kind: string;
  text: string;
}

interface LiveCall {
  by: string;
  since: string;
  outcome: "reached" | "not_reached" | null;
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
  seventeen: LiveCall | null;
  timeline: LiveLine[];
}

/** A message of the socket; which facts it holds depends on its type. */
interface LiveEvent {
  type: string;
  sequence: number;
  event?: { sequence: number; at: string; kind: string; texts: Record<string, string> };
  positions?: LivePosition[];
  contact?: number;
  opened?: boolean;
  position?: (LivePlace & { at: string }) | null;
  role?: string;
  in_charge?: string | null;
  seventeen?: LiveCall | null;
  kind?: string;
  state?: string;
}

interface LiveSettings {
  zone: string;
  language: string;
  me: number;
  /** Seconds. */
  late_after: number;
  lost_after: number;
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
