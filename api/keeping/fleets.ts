import { asc } from 'drizzle-orm';
import type { Fleet } from '../store/fleets.ts';
import { all, prepare } from '../store/query.ts';
import type { Check } from './check.ts';
import { error, type Finding } from './finding.ts';
import { json } from './json.ts';

interface FleetRow {
  name: string;
  labels: string;
  ports: string;
  portRanges: string | null;
  denyDestinations: string;
  tenant: string | null;
  createdAt: number;
  version: number;
  seq: number;
  floor: number;
}

/** Finds fleets that cannot be read. It keeps the other fleets for later checks. */
export const fleets: Check = {
  tables: ['fleet'],
  async *run(examination) {
    const { kit } = examination;
    const { fleet } = kit.t;
    const rows = prepare(
      kit.db
        .select({
          name: fleet.name,
          labels: fleet.labels,
          ports: fleet.ports,
          portRanges: fleet.portRanges,
          denyDestinations: fleet.denyDestinations,
          tenant: fleet.tenant,
          createdAt: fleet.createdAt,
          version: fleet.version,
          seq: fleet.seq,
          floor: fleet.floor,
        })
        .from(fleet)
        .orderBy(asc(fleet.name)),
    );
    examination.fleets = yield* readFleets(await all(kit, rows, {}));
  },
};

/** @returns the fleets that can be read */
function* readFleets(rows: readonly FleetRow[]): Generator<Finding, Fleet[]> {
  const fleets: Fleet[] = [];
  for (const { labels, ports, portRanges, denyDestinations, tenant, floor, ...row } of rows) {
    const read = {
      labels: json(labels),
      ports: json(ports),
      ...(portRanges !== null && { portRanges: json(portRanges) }),
      denyDestinations: json(denyDestinations),
    };
    const damaged = Object.entries(read).filter(([member, value]) =>
      member === 'labels' ? !isObject(value) : !Array.isArray(value),
    );
    for (const [member] of damaged)
      yield error(`fleets/${row.name}`, `its ${member} are damaged`, 'restore an earlier backup');
    if (floor > row.seq)
      yield error(`fleets/${row.name}`, `its feed begins at ${floor}, beyond its end ${row.seq}`, 'run store advance');
    // The members were checked above.
    if (damaged.length === 0) fleets.push({ ...row, ...(read as Parsed), ...(tenant !== null && { tenant }) });
  }
  return fleets;
}

type Parsed = Pick<Fleet, 'labels' | 'ports' | 'portRanges' | 'denyDestinations'>;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
