import { spawn } from 'node:child_process';

/**
 * A shell script that reads one process group per line. When its input closes, it ends all these groups, unless it has
 * read the line `done`.
 */
const SCRIPT = `
groups=
while read -r line; do
  [ "$line" = done ] && exit 0
  groups="$groups $line"
done
for group in $groups; do kill -s TERM -- "-$group"; done 2>/dev/null
sleep 3
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
exit 0`;

/** Gets to know each child before the child runs. */
export interface Guard {
  add(group: number): void;
}

/**
 * Starts a shell that stops the children when this program is killed with -9. Otherwise they would keep running and use
 * their ports. The shell notices that the pipe from this program closes.
 */
export function watchdog(): Guard & { release(): void } {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Each child reports that there is no shell.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return {
    add: (group) => shell.stdin.write(`${group}\n`),
    release: () => shell.stdin.end('done\n'),
  };
}
