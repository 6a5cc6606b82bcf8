/** Draws line charts on two logarithmic axes, as SVG that is readable on light and on dark pages. */

export interface Series {
  name: string;
  points: [x: number, y: number][];
  dashed?: boolean;
  /** Whether the series is drawn on top of the others, and thicker. */
  ours?: boolean;
}

export interface Chart {
  title: string;
  x: string;
  y: string;
  series: Series[];
}

const WIDTH = 860;
const HEIGHT = 440;
const PLOT = { left: 64, right: 560, top: 48, bottom: 388 };
const OURS = '#d9480f';
const COLOURS = ['#1c7ed6', '#2b8a3e', '#9c36b5', '#0b7285', '#e67700', '#5f3dc4', '#868e96', '#c2255c', '#66a80f'];

export function draw(chart: Chart): string {
  const xs = decades(chart.series.flatMap(({ points }) => points.map(([x]) => x)));
  const ys = decades(chart.series.flatMap(({ points }) => points.map(([, y]) => y)));
  const toX = scale(xs, PLOT.left, PLOT.right);
  const toY = scale(ys, PLOT.bottom, PLOT.top);
  const lines = chart.series.map((series, index) => ({ ...series, colour: colour(series, index) }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(chart.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 26, chart.title, 'font-size="16" font-weight="600"'),
    ...xs.map((x) => vertical(toX(x), label(x))),
    ...ys.map((y) => horizontal(toY(y), label(y))),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, chart.x, 'text-anchor="middle"'),
    text(PLOT.left - 8, PLOT.top - 8, chart.y, 'text-anchor="end" fill="#495057"'),
    ...lines.map((line) => curve(line, toX, toY)),
    ...legend(lines),
    '</svg>\n',
  ].join('\n');
}

type Line = Series & { colour: string };
type Scale = (value: number) => number;

const colour = ({ ours }: Series, index: number): string => (ours ? OURS : COLOURS[index % COLOURS.length]!);

/** Returns the powers of ten that enclose the values. */
function decades(values: number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(...positive)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}

function scale(ticks: number[], start: number, end: number): Scale {
  const [low, high] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  return (value) => Math.round((start + ((Math.log10(value) - low) / (high - low)) * (end - start)) * 10) / 10;
}

function curve({ points, colour: stroke, dashed, ours }: Line, toX: Scale, toY: Scale): string {
  const at = points.toSorted(([a], [b]) => a - b).map(([x, y]) => `${toX(x)},${toY(y)}`);
  const style = `fill="none" stroke="${stroke}" stroke-width="${ours ? 3 : 1.8}"${dashed ? ' stroke-dasharray="6 5"' : ''}`;
  const dots = at.map((point) => {
    const [x, y] = point.split(',');
    return `<circle cx="${x}" cy="${y}" r="${ours ? 4 : 3}" fill="${stroke}"/>`;
  });
  return `<polyline points="${at.join(' ')}" ${style}/>${dots.join('')}`;
}

function legend(lines: Line[]): string[] {
  return lines.map(({ name, colour: stroke, dashed, ours }, index) => {
    const y = PLOT.top + 10 + index * 22;
    const x = PLOT.right + 20;
    const dash = dashed ? ' stroke-dasharray="6 5"' : '';
    const stroked = `stroke="${stroke}" stroke-width="${ours ? 3 : 1.8}"${dash}`;
    return `<line x1="${x}" x2="${x + 24}" y1="${y - 4}" y2="${y - 4}" ${stroked}/>${text(x + 32, y, name, ours ? 'font-weight="600"' : '')}`;
  });
}

const vertical = (x: number, name: string) =>
  `<line x1="${x}" x2="${x}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#e9ecef"/>${text(x, PLOT.bottom + 18, name, 'text-anchor="middle" fill="#495057"')}`;

const horizontal = (y: number, name: string) =>
  `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}" stroke="#e9ecef"/>${text(PLOT.left - 8, y + 4, name, 'text-anchor="end" fill="#495057"')}`;

const label = (value: number): string =>
  value >= 1 ? value.toLocaleString('en') : String(Number(value.toPrecision(1)));

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

const escaped = (content: string): string => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
