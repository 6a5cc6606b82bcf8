import type { Fleet } from '../store/fleets.ts';
import { json } from './columns.ts';
import { error, type Finding } from './finding.ts';

export interface FleetRow {
  name: string;
  labels: string;
  ports: string;
  denyDestinations: string;
  tenant: string | null;
  createdAt: number;
  version: number;
  seq: number;
  floor: number;
}

/** @returns the fleets that can be read */
export function* readFleets(rows: readonly FleetRow[]): Generator<Finding, Fleet[]> {
  const fleets: Fleet[] = [];
  for (const { labels, ports, denyDestinations, tenant, floor, ...row } of rows) {
    const read = { labels: json(labels), ports: json(ports), denyDestinations: json(denyDestinations) };
    const damaged = Object.entries(read).filter(([member, value]) =>
      member === 'labels' ? !isObject(value) : !Array.isArray(value),
    );
    for (const [member] of damaged)
      yield error(`fleets/${row.name}`, `its ${member} are damaged`, 'restore a backup made before');
    if (floor > row.seq)
      yield error(`fleets/${row.name}`, `its feed begins at ${floor}, beyond its end ${row.seq}`, 'run store advance');
    // What was checked just now.
    if (damaged.length === 0) fleets.push({ ...row, ...(read as Parsed), ...(tenant !== null && { tenant }) });
  }
  return fleets;
}

type Parsed = Pick<Fleet, 'labels' | 'ports' | 'denyDestinations'>;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
