import type { Configuration } from '../../model/configuration.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import type { Fleet } from '../store/fleets.ts';
import type { SealedKey } from '../store/keys.ts';
import type { FleetPort } from '../store/port-claims.ts';
import type { TableName } from '../store/tables/index.ts';
import type { Examination } from './check.ts';
import type { Finding } from './finding.ts';

export interface TenantRow {
  name: string;
  revision: number;
  oldest: number;
  createdAt: number;
}

export interface RevisionRow {
  number: number;
  parent: number;
  contentHash: string;
  createdAt: number;
  changes: string;
}

export interface VersionRow {
  kind: string;
  name: string;
  fromRevision: number;
  toRevision: number | null;
  spec: string;
  info: string | null;
  labels: string;
  updatedAt: number;
}

export interface Claim {
  tenant: string;
  host: string;
  reversed: string;
}

/** A host that a tenant has attached to the gateways of an owner. */
interface AttachedRow {
  owner: string;
  host: string;
  reversed: string;
}

/** The stored data of one tenant, at one revision. */
interface TenantState extends Pick<Examination, 'kit' | 'digest' | 'sealer'> {
  tenant: TenantRow;
  fleets: readonly Fleet[];
  revisions: readonly RevisionRow[];
  versions: readonly VersionRow[];
  /** The gateways of the head whose specs could be read. */
  gateways: readonly SpecOf<'gateway'>[];
  claims: readonly Claim[];
  /** The ports of fleets that the tenant claims. */
  ports: readonly FleetPort[];
  keys: readonly SealedKey[];
  /** The routes of the head whose specs could be read. */
  routes: Configuration;
  attached: readonly AttachedRow[];
  /** The tenants whose gateways the routes of the tenant name. */
  owners: readonly { owner: string }[];
  /** The tenants whose routes may delegate to routes of the tenant. */
  parents: readonly { parent: string }[];
}

/** A check of one tenant at a time. */
export interface TenantCheck {
  readonly tables: readonly TableName[];
  /**
   * Whether the check needs rows that exist only for the head. `doctor` skips such a check for a tenant whose head
   * changed at every attempt to read it.
   */
  readonly isOfHead: boolean;
  run(state: TenantState): Generator<Finding> | AsyncGenerator<Finding>;
}
