CREATE TABLE "parent_tenant" (
	"tenant" text COLLATE "C" NOT NULL,
	"parent" text COLLATE "C" NOT NULL,
	CONSTRAINT "parent_tenant_tenant_parent_pk" PRIMARY KEY("tenant","parent")
);
--> statement-breakpoint
CREATE INDEX "parent_tenant_parent" ON "parent_tenant" USING btree ("parent");