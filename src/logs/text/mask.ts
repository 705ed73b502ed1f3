import type { Pattern } from "./pattern.ts";

/** Hides secrets in a text. */
export type Mask = (text: string) => string;

const HIDDEN = "***";

/**
 * Creates a mask of the built-in rules and the owner's patterns. The built-in ones hide keys and tokens with well-known beginnings,
 * values after names such as `password=`, `Authorization:` headers, passwords in URLs, private keys, and numbers of cards.
 * Every expression is linear: no quantifier is followed by one that takes the same characters.
 */
export function createMask(patterns: readonly Pattern[]): Mask {
  return (text) => {
    let masked = HINT.test(text) ? maskSecrets(text) : text;
    if (TWELVE_DIGITS.test(masked))
      masked = masked.replace(CARD, (digits) => (isCard(digits) ? HIDDEN : digits));
    for (const pattern of patterns) masked = pattern.replaceAll(masked, HIDDEN);
    return masked;
  };
}

/** Most lines have none of these, and are looked at once. */
const HINT =
  /:\/\/|authorization|bearer|passw|pwd|secret|token|api[-_]?key|AKIA|ASIA|gh[oprsu]_|xox|glpat-|sk[-_]|eyJ|PRIVATE KEY|AIza|\b[0-9a-f]{32}\b/i;

const RULES: readonly (readonly [rule: RegExp, by: string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*/g, HIDDEN],
  [
    /\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:basic|bearer|token|digest)\s{1,3})?)[^\s"',;]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(bearer\s{1,3})[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  // In quotes, which stay, so that JSON stays JSON.
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|dd-api-key)["']?\s{0,3}[:=]\s{0,3})"[^"]*"/gi,
    `$1"${HIDDEN}"`,
  ],
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|dd-api-key)["']?\s{0,3}[:=]\s{0,3})(?:'[^']*'|[^\s"',;&]+)/gi,
    `$1${HIDDEN}`,
  ],
  [/(:\/\/[^\s/@:"']{0,256}:)[^\s/@"']{1,256}@/g, `$1${HIDDEN}@`],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, HIDDEN],
  [/\bgh[oprsu]_[A-Za-z0-9]{20,}/g, HIDDEN],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, HIDDEN],
  [/\bglpat-[\w-]{20,}/g, HIDDEN],
  [/\bsk[-_](?:live|test|ant|proj)[-_][\w-]{10,}/g, HIDDEN],
  [/\bAIza[\w-]{35}\b/g, HIDDEN],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, HIDDEN],
  // A key of Datadog: 32 hexadecimal digits, also what a key of many other services is.
  [/\b(?:[0-9a-f]{32}|[0-9A-F]{32})\b/g, HIDDEN],
];

function maskSecrets(text: string): string {
  let masked = text;
  for (const [rule, by] of RULES) masked = masked.replace(rule, by);
  return masked;
}

const TWELVE_DIGITS = /\d{4}[ -]?\d{4}[ -]?\d{4}|\d{4}[ -]?\d{6}/;

/** Thirteen to nineteen digits, alone or in groups of four (or 4-6-5, as American Express prints them). */
const CARD =
  /(?<![\d.])(?:\d{13,19}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,4}|\d{4}[ -]\d{6}[ -]\d{5})(?![\d.]*\d)/g;

/** True when the check digit is right (Luhn) and the first digit is one that card networks use, so that few other numbers are hidden. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^[3-6]/.test(digits) && !/^2[2-7]/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
