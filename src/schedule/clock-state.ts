/** What is believed of a clock. Seconds; an offset is wall clock minus monotonic time. */
export type ClockState = {
  /** The offset that is believed. */
  offset: number;
  /** The offset of the last reading, and the monotonic second since which no reading contradicted it. */
  measured: number;
  since: number;
  /** A time service, or the date of an answer, confirmed the clock. */
  confirmed: boolean;
  /** The intake or the build date shows that the clock is wrong. */
  wrong: boolean;
  /** Monotonic second of the first answer that could not confirm the clock. */
  doubtedSince: number | undefined;
};

export type ClockEvent =
  | { type: "reading" }
  /** The kernel or the time service says that the clock is synchronized. */
  | { type: "synchronized" }
  /** The intake answered; `date`: Unix seconds, undefined where its answer has none. */
  | { type: "answered"; date: number | undefined }
  /** The certificate of the intake is from the future. */
  | { type: "not yet valid" };

/** `builtAt`: Unix seconds of this version, before which no right clock is; 0 when it is not known. */
export type ClockReading = { wall: number; monotonic: number; builtAt: number };

/** Seconds by which two readings may differ: a time service that slews a clock moves it by less. */
const TOLERANCE = 1;

/** Seconds for which clock and monotonic time have to agree before a step is believed, and before anything expires. */
const AGREEMENT = 60;

/** Seconds that the date of an answer may be off: it has whole seconds, and may have been minutes on a slow link. */
const DATE_TOLERANCE = 30;

/** Seconds after which a device whose intake answers, but shows another time, sends all the same. */
export const PATIENCE = 600;

export function firstState({ wall, monotonic, builtAt }: ClockReading): ClockState {
  const offset = wall - monotonic;
  return {
    offset,
    measured: offset,
    since: monotonic,
    confirmed: false,
    wrong: wall < builtAt,
    doubtedSince: undefined,
  };
}

/** Returns the state after an event; the reading is of that moment. */
export function afterClockEvent(before: ClockState, event: ClockEvent, reading: ClockReading): ClockState {
  const state = afterReading(before, reading);
  const certainlyWrong = reading.wall < reading.builtAt;
  switch (event.type) {
    case "reading":
      return state;
    case "synchronized":
      return certainlyWrong ? state : confirmed(state);
    case "answered": {
      if (event.date === undefined) return doubted(state, reading);
      if (Math.abs(event.date - reading.wall) <= DATE_TOLERANCE) return confirmed(state);
      return { ...doubted(state, reading), confirmed: false, wrong: true };
    }
    case "not yet valid":
      return { ...state, confirmed: false, wrong: true };
  }
}

/** Whether nothing may be sent that Chouette stamped; `patience`: seconds since the first answer that did not confirm the clock. */
export function isHeld(
  { confirmed, wrong, doubtedSince }: ClockState,
  monotonic: number,
  patience: number,
): boolean {
  if (confirmed) return false;
  if (doubtedSince === undefined) return true;
  return wrong && monotonic - doubtedSince < patience;
}

/** Whether clock and monotonic time have agreed for a minute. */
export function hasAgreed({ offset, measured, since }: ClockState, monotonic: number): boolean {
  return Math.abs(measured - offset) <= TOLERANCE && monotonic - since >= AGREEMENT;
}

/** Follows a slewed clock at once, and one that stepped when it has kept its new time for a minute. */
function afterReading(state: ClockState, { wall, monotonic, builtAt }: ClockReading): ClockState {
  const measured = wall - monotonic;
  const since = Math.abs(measured - state.measured) > TOLERANCE ? monotonic : state.since;
  const next = { ...state, measured, since };
  if (Math.abs(measured - state.offset) <= TOLERANCE) return { ...next, offset: measured };
  if (monotonic - since < AGREEMENT) return next;
  // It may have been set by a person: it is believed, and waits to be confirmed again.
  return { ...next, offset: measured, confirmed: false, wrong: wall < builtAt };
}

function confirmed(state: ClockState): ClockState {
  return { ...state, offset: state.measured, confirmed: true, wrong: false, doubtedSince: undefined };
}

function doubted(state: ClockState, { monotonic }: ClockReading): ClockState {
  return { ...state, doubtedSince: state.doubtedSince ?? monotonic };
}
