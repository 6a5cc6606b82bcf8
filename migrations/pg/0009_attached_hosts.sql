CREATE TABLE "attached_host" (
	"owner" text COLLATE "C" NOT NULL,
	"host" text COLLATE "C" NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	"reversed" text COLLATE "C" NOT NULL,
	CONSTRAINT "attached_host_owner_host_pk" PRIMARY KEY("owner","host")
);
--> statement-breakpoint
CREATE INDEX "attached_host_tenant" ON "attached_host" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "attached_host_reversed" ON "attached_host" USING btree ("owner","reversed");