import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few megabytes, which a test fills and frees. */
export interface SmallDisk {
  path: string;
  fill(): void;
  free(): void;
  unmount(): void;
}

/** @returns why this machine cannot have one: root is needed to mount it */
export function smallDisk(megabytes: number, uid = 0): SmallDisk | string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'));
  try {
    const options = `size=${megabytes}m,mode=700,uid=${uid}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    rmSync(path, { recursive: true });
    return `a small file system cannot be mounted: ${String((error as { stderr?: Buffer }).stderr ?? error)}`;
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      const file = openSync(filler, 'a');
      for (const size of [1 << 16, 1 << 12, 1]) while (writes(file, Buffer.alloc(size)));
      closeSync(file);
    },
    free: () => rmSync(filler),
    unmount() {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
