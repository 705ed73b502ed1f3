import type { Skip } from "../kernel/skipped-lines.ts";

/**
 * Parses the wear of an eMMC, /sys/block/mmcblk0/device/life_time `0x01 0x02`: for cells of type A and B the tenth of the life time
 * that has begun; 0 when undefined, 11 when the life time is exceeded. Returns the upper end in percent: 0x01 → 10.
 * JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST_TYP_A and _B.
 */
export function parseLifeTime(text: string, path: string, skip: Skip): { a?: number; b?: number } {
  const [, a, b] = /^0x([0-9a-f]{2}) 0x([0-9a-f]{2})$/i.exec(text.trim()) ?? [];
  if (a === undefined || b === undefined) {
    if (text.trim() !== "") skip(path, text);
    return {};
  }
  const [tenthsOfA, tenthsOfB] = [Number.parseInt(a, 16), Number.parseInt(b, 16)];
  return {
    ...(isDefined(tenthsOfA) && { a: tenthsOfA * 10 }),
    ...(isDefined(tenthsOfB) && { b: tenthsOfB * 10 }),
  };
}

function isDefined(tenths: number): boolean {
  return tenths >= 1 && tenths <= 11;
}

/** Parses the use of spare blocks, pre_eol_info `0x01`: 1 normal, 2 warning (80 % used), 3 urgent (90 %); undefined for 0. */
export function parsePreEol(text: string, path: string, skip: Skip): number | undefined {
  const word = /^0x([0-9a-f]{2})$/i.exec(text.trim())?.[1];
  if (word === undefined) {
    if (text.trim() !== "") skip(path, text);
    return undefined;
  }
  const level = Number.parseInt(word, 16);
  return level >= 1 && level <= 3 ? level : undefined;
}
