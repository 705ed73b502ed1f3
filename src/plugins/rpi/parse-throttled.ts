/** The names of the bits: from bit 0 the current state, from bit 16 the state since boot. */
export const FLAGS = ["under_voltage", "frequency_capped", "throttled", "soft_temp_limit"] as const;

export type Flag = (typeof FLAGS)[number];

export type Throttled = { now: Flag[]; sinceBoot: Flag[] };

/**
 * Parses the firmware's state of power and heat, https://www.raspberrypi.com/documentation/computers/os.html#get_throttled:
 * `throttled=0x50000` from vcgencmd, `50000` from sysfs, which is hexadecimal too. Undefined when it is neither.
 */
export function parseThrottled(text: string): Throttled | undefined {
  const word = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})$/i.exec(text.trim())?.[1];
  if (word === undefined) return undefined;
  const bits = Number.parseInt(word, 16);
  const isSet = (bit: number) => Math.floor(bits / 2 ** bit) % 2 === 1;
  return {
    now: FLAGS.filter((_, index) => isSet(index)),
    sinceBoot: FLAGS.filter((_, index) => isSet(index + 16)),
  };
}
