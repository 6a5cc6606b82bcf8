import { styleText } from 'node:util';
import { escapeHidden } from '../../model/values/hidden-characters.ts';
import { print } from './print.ts';

/** Shows the steps of a long start. On a terminal, the running step is animated. A pipe gets one line per step. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #terminal: boolean;
  #timer: NodeJS.Timeout | undefined;
  #line = '';
  #frame = 0;
  #since = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
    this.#terminal = out.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** Runs one step. `note` replaces the text beside its name while it runs; `done` returns the text for its result. */
  async step<T>(
    name: string,
    run: (note: (text: string) => void) => Promise<T>,
    done?: (result: T) => string,
  ): Promise<T> {
    let noted = '';
    const note = (text: string) => {
      noted = text;
      this.#show(`${name}  ${text}`);
      this.#note(name, text);
    };
    this.#spin(name);
    try {
      const result = await run(note);
      this.#finish('green', '✔', name, done?.(result) ?? noted);
      return result;
    } catch (error) {
      this.#finish('red', '✖', name, '');
      throw error;
    }
  }

  /** Prints a line between the steps or after them. */
  say(text: string): void {
    this.#clear();
    print(text, this.#out);
    if (this.#timer) this.#draw();
  }

  #spin(name: string): void {
    this.#since = Date.now();
    this.#show(name);
    if (!this.#terminal) return;
    this.#timer = setInterval(() => {
      this.#frame++;
      this.#draw();
    }, 100);
    this.#timer.unref();
  }

  #show(line: string): void {
    this.#line = escapeHidden(line);
    if (this.#terminal) this.#draw();
  }

  #draw(): void {
    const mark = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[this.#frame % 10];
    const seconds = Math.floor((Date.now() - this.#since) / 1000);
    const waited = seconds > 2 ? `  ${seconds} s` : '';
    // The text is cut to one line, because a wrapped line could not be erased.
    const line = `${mark} ${this.#line}${waited}`.slice(0, (this.#out.columns || 80) - 1);
    this.#out.write(`\r\u001b[K${line}`);
  }

  #clear(): void {
    if (this.#terminal) this.#out.write('\r\u001b[K');
  }

  #noted = '';

  /** In a pipe, each note is a separate line. It is printed once per step and wording, without percentages. */
  #note(name: string, text: string): void {
    const said = `${name}: ${text.replace(/\s*\((?:about )?\d+ MB.*\)|\s*\(?\d+(\.\d+)?\s*(%|MB).*$/g, '')}`;
    if (this.#terminal || said === this.#noted) return;
    this.#noted = said;
    print(`… ${said}`, this.#out);
  }

  #finish(color: 'green' | 'red', mark: string, name: string, result: string): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
    const sign = styleText(color, mark, { stream: this.#out });
    this.#out.write(`${sign} ${result ? `${name.padEnd(14)} ${escapeHidden(result)}` : name}\n`);
  }
}
