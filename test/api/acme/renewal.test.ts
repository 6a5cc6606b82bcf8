import { expect, test } from 'vitest';
import { askAgain, renewalTime, timeIn } from '../../../api/acme/renewal.ts';

const HOUR = 60 * 60 * 1000;

test('a certificate is renewed after two thirds of its lifetime, or up to a twentieth of it earlier', () => {
  const validity = { notBefore: 1000, notAfter: 7000 };
  expect([renewalTime(validity, 0), renewalTime(validity, 1)]).toEqual([5000, 4700]);
});

test('a time in the window of the authority is chosen, which may have passed', () => {
  expect([0, 0.5, 1].map((random) => timeIn({ start: 10, end: 20 }, random))).toEqual([10, 15, 20]);
});

test('the authority is asked again when it says, but neither within the hour nor after a day', () => {
  expect(askAgain(0)).toBe(6 * HOUR);
  expect([5 * HOUR, 1, 90 * HOUR].map((at) => askAgain(0, at))).toEqual([5 * HOUR, HOUR, 24 * HOUR]);
});
