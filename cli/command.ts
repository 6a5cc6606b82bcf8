import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Remote } from './remote/client.ts';

/** What a command has found out. The frame prints `text`, or `json` with `--json`. */
export interface Answer {
  /** For people: lines without a final newline; empty = nothing is printed. */
  text: string;
  json: object;
  /** Default: 0. */
  exit?: ExitCode;
}

/** What the user typed after the words of the command. */
export interface Given<Options> {
  /** As commander parsed them, with defaults. */
  options: Options;
  args: string[];
  /** The whole program; completion and help are made from it. */
  program: Command;
}

interface Words {
  /** What follows `gatehouse`, such as `store copy`. The command before the last word must be in the tuple too. */
  path: string;
  /** One line of the list of commands. */
  description: string;
  /** Adds arguments, options and further help. It must load nothing: every command's words are needed at each start. */
  define?(command: Command): void;
}

/** A command that prints for itself, because it runs until it is stopped or prints something to be read by a program. */
interface Running<Options> extends Words {
  run(given: Given<Options>): void | Promise<void>;
}

/** A command with one answer. The frame adds `--json`. */
interface Answering<Options> extends Words {
  answer(given: Given<Options>): Promise<Answer>;
}

/** A command that asks an API. The frame adds `--url`, `--profile` and `--json`, and connects. */
interface Calling<Options> extends Words {
  call(remote: Remote, given: Given<Options>): Promise<Answer>;
}

/** Only gathers the commands under it. */
interface Group extends Words {
  isGroup: true;
}

/**
 * One command of `gatehouse`: one file in `cli/commands/` and one line in its index. Help, completion, `--json` and
 * docs/commands.md are made from it.
 */
export type Definition<Options = object> = Running<Options> | Answering<Options> | Calling<Options> | Group;
