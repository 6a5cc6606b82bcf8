CREATE TABLE "port_claim" (
	"fleet" text COLLATE "C" NOT NULL,
	"port" text COLLATE "C" NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	CONSTRAINT "port_claim_fleet_port_pk" PRIMARY KEY("fleet","port")
);
--> statement-breakpoint
CREATE INDEX "port_claim_tenant" ON "port_claim" USING btree ("tenant");