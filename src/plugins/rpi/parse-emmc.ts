import type { Skip } from "../kernel/skipped-lines.ts";

/**
 * Wear of an eMMC, /sys/block/mmcblk0/device/life_time `0x01 0x02`: for its cells of type A and B the tenths of the life time
 * that have begun; 0 where that is not defined, 11 when the life is over. Given as percent, the upper end: 0x01 → 10.
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

/** Spare blocks, pre_eol_info `0x01` beside it: 1 normal, 2 warning (80 % are used), 3 urgent (90 %); undefined where 0. */
export function parsePreEol(text: string, path: string, skip: Skip): number | undefined {
  const word = /^0x([0-9a-f]{2})$/i.exec(text.trim())?.[1];
  if (word === undefined) {
    if (text.trim() !== "") skip(path, text);
    return undefined;
  }
  const level = Number.parseInt(word, 16);
  return level >= 1 && level <= 3 ? level : undefined;
}
