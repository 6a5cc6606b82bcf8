import { readdirSync } from 'node:fs';
import { WrongSetting } from './wrong-setting.ts';

/**
 * Checks that a program may fill a folder: the folder is missing, or empty, or an earlier start of the program filled
 * it. So a mistyped option does not scatter keys and databases over a folder of the user.
 *
 * @param marks names of files; every start of the program leaves at least one of them in the folder
 * @param option the option that names the folder, such as `--data`
 * @returns whether an earlier start filled it
 * @throws WrongSetting when the folder contains only files of others, or cannot be read
 */
export function requireOwnFolder(folder: string, marks: readonly string[], option: string): boolean {
  const names = namesIn(folder, option);
  if (names.some((name) => marks.includes(name))) return true;
  if (names.length > 0)
    throw new WrongSetting(
      `The folder ${folder} contains other files (${names[0]}), and none of Gatehouse. Choose a new or empty folder with ${option}.`,
    );
  return false;
}

function namesIn(folder: string, option: string): string[] {
  try {
    // Every new ext4 file system has this folder.
    return readdirSync(folder)
      .filter((name) => name !== 'lost+found')
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new WrongSetting(
      `The folder ${folder} cannot be read: ${(error as Error).message}. Choose another with ${option}.`,
    );
  }
}
