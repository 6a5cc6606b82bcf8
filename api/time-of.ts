/** Writes a time, given in milliseconds since 1970, as people read it: `2026-05-01 09:30 UTC`. */
export const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
