import { commandsPage } from './commands-page.ts';
import { settingsPage } from './settings-page.ts';

/** The pages of this folder that are generated: file name → text. */
export const PAGES: Record<string, () => string> = {
  'settings.md': settingsPage,
  'commands.md': commandsPage,
};
