CREATE TABLE "endpoint_health" (
	"fleet" text COLLATE "C" NOT NULL,
	"node" text COLLATE "C" NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	"upstream" text COLLATE "C" NOT NULL,
	"subset" text COLLATE "C" NOT NULL,
	"endpoints" text COLLATE "C" NOT NULL,
	"reported_at" bigint NOT NULL,
	CONSTRAINT "endpoint_health_fleet_node_tenant_upstream_subset_pk" PRIMARY KEY("fleet","node","tenant","upstream","subset")
);
--> statement-breakpoint
CREATE INDEX "endpoint_health_upstream" ON "endpoint_health" USING btree ("tenant","upstream");