import { escapeHidden } from '../../model/values/hidden-characters.ts';

/**
 * Aligns rows under their headings, with two spaces between columns.
 *
 * @param headings one per column
 * @param rows cells as text, which others may have written; the last column is not padded
 * @returns lines without a final newline
 */
export function table(headings: string[], rows: string[][]): string {
  const cells = rows.map((row) => row.map((cell) => escapeHidden(cell).replaceAll(/[\t\n]/g, ' ')));
  const lines = [headings.map((heading) => heading.toUpperCase()), ...cells];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
