import { type Element, element } from './der.ts';

/** The maximum depth. No certificate has more nested elements. */
const MOST_DEPTH = 32;

/**
 * Whether these bytes are DER (X.690 §10 and §11) that BoringSSL accepts. The parser of this API is more lenient, and
 * the API must not store a certificate that Envoy cannot read.
 */
export function isStrictDer(der: Uint8Array<ArrayBuffer>, depth = 0): boolean {
  if (depth > MOST_DEPTH) return false;
  for (let at = 0; at < der.length; ) {
    const found = element(der, at);
    if (!found || !isShortest(found, at) || !isWellFormed(found, depth)) return false;
    at = found.end;
  }
  return true;
}

/** Whether the version of a certificate is 1 (the default, which is omitted), 2 or 3: RFC 5280 §4.1.2.1. */
export function hasKnownVersion(certificate: Uint8Array<ArrayBuffer>): boolean {
  const signed = element(element(certificate)?.value ?? certificate);
  const first = signed && element(signed.value);
  const version = first?.tag === EXPLICIT_VERSION ? element(first.value)?.value : undefined;
  return first !== undefined && (version === undefined || (version.length === 1 && [1, 2].includes(version[0]!)));
}

const EXPLICIT_VERSION = 0xa0;

/** Whether the tag and the length have their shortest encoding. */
function isShortest({ value, end }: Element, at: number): boolean {
  const header = end - at - value.length;
  return header === (value.length < 0x80 ? 2 : value.length < 0x100 ? 3 : value.length < 0x10000 ? 4 : 5);
}

const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;
/** The highest context tag in a certificate. It belongs to GeneralName (RFC 5280 §4.2.1.6). */
const LAST_CHOICE = 8;
const SEQUENCE = 0x30;
const SET = 0x31;

function isWellFormed({ tag, value }: Element, depth: number): boolean {
  // Certificates contain neither multi-byte nor application tags.
  if ((tag & 0x1f) === 0x1f || (tag & 0x40) !== 0) return false;
  if (tag & CONTEXT) return (tag & 0x1f) <= LAST_CHOICE && ((tag & CONSTRUCTED) === 0 || isStrictDer(value, depth + 1));
  if (tag === SEQUENCE || tag === SET) return isStrictDer(value, depth + 1);
  return universal.get(tag)?.(value) ?? false;
}

const text = (value: Uint8Array): string => String.fromCharCode(...value);
const any = (): boolean => true;

/** The check of each universal type, by its tag (X.680 §8.4). */
const universal: ReadonlyMap<number, (value: Uint8Array) => boolean> = new Map<number, (value: Uint8Array) => boolean>([
  [0x01, ([byte, ...more]) => more.length === 0 && (byte === 0 || byte === 0xff)],
  [0x02, isInteger],
  [0x03, ([unused = 8, ...bits]) => unused < 8 && ((bits.at(-1) ?? 0) & ((1 << unused) - 1)) === 0],
  [0x04, any],
  [0x05, (value) => value.length === 0],
  [0x06, isObjectIdentifier],
  [0x0a, isInteger],
  [0x0c, isUtf8],
  ...[0x12, 0x13, 0x14, 0x16, 0x1a].map((tag) => [tag, any] as [number, typeof any]),
  [0x17, (value) => isTime(text(value), /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/)],
  [0x18, (value) => isTime(text(value), /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/)],
  [0x1c, (value) => value.length % 4 === 0],
  [0x1e, (value) => value.length % 2 === 0],
]);

function isInteger(value: Uint8Array): boolean {
  const [first, second = 0] = value;
  if (value.length < 2) return value.length === 1;
  return !(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80);
}

/** The longest object identifier, in bytes. Those of RFC 5280 have at most 9, and the parser takes long for long ones. */
const LONGEST_IDENTIFIER = 64;

function isObjectIdentifier(value: Uint8Array): boolean {
  if (value.length > LONGEST_IDENTIFIER) return false;
  const isStart = (index: number) => index === 0 || value[index - 1]! < 0x80;
  return value.length > 0 && value.at(-1)! < 0x80 && !value.some((byte, index) => byte === 0x80 && isStart(index));
}

function isUtf8(value: Uint8Array): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value) !== undefined;
  } catch {
    return false;
  }
}

function isTime(written: string, form: RegExp): boolean {
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (form.exec(written) ?? []).map(Number);
  // RFC 5280 §4.1.2.5.1: two-digit years of 50 and above belong to the twentieth century.
  const whole = written.length === 13 ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(Date.UTC(whole, month - 1, day, hour, minute, second));
  return (
    month > 0 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  );
}
