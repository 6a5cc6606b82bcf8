import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second of /proc/PID/stat: USER_HZ, 100 on every Linux. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK_MS = 10;

/** Resident memory of a process, in MB of 10^6 bytes. */
export function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round((Number(kb) * 1024) / 1e6);
}

/** CPU time that a process has used so far: all threads, user and system, in steps of 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name is in parentheses and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

interface Member {
  pid: number;
  cpuMs: number;
}

/**
 * Memory of all processes of these groups, in MB of 10^6 bytes. Each process counts its proportional share of each
 * page, so memory that forked workers share counts once.
 */
export function groupsMb(groups: readonly number[]): number {
  const kb = membersOf(groups).reduce((sum, { pid }) => sum + proportionalKb(pid), 0);
  return Math.round((kb * 1024) / 1e6);
}

/**
 * CPU time of these groups so far. It includes members that have ended and were waited for, because such processes do
 * the work of a reload.
 */
export function groupsCpuMs(groups: readonly number[]): number {
  return membersOf(groups).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

function membersOf(groups: readonly number[]): Member[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    // The name is in parentheses and may contain any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!groups.includes(Number(fields[2]))) return [];
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return [{ pid: Number(pid), cpuMs: ticks * TICK_MS }];
  });
}

function proportionalKb(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Undefined when the process has ended in the meantime. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
