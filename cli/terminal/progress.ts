/** Shows a line on stderr that each update overwrites. It is shown only on a terminal. */
export function progress(shown: boolean): { show(text: string): void; done(): void } {
  if (!shown || !process.stderr.isTTY) return { show: () => {}, done: () => {} };
  return {
    show: (text) => void process.stderr.write(`\r\x1b[K${text}`),
    done: () => void process.stderr.write('\r\x1b[K'),
  };
}

/** Draws a progress bar: `[#####     ]  50 %`. */
export function bar(share: number): string {
  const filled = Math.round(share * 30);
  return `[${'#'.repeat(filled)}${' '.repeat(30 - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
