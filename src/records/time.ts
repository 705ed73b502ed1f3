/** Unix seconds of the year 2100: what is stamped later was not stamped in seconds. */
export const END_OF_TIME = 4_102_444_800;
