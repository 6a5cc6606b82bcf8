CREATE TABLE "gateway_owner" (
	"tenant" text COLLATE "C" NOT NULL,
	"owner" text COLLATE "C" NOT NULL,
	CONSTRAINT "gateway_owner_tenant_owner_pk" PRIMARY KEY("tenant","owner")
);
--> statement-breakpoint
CREATE INDEX "gateway_owner_owner" ON "gateway_owner" USING btree ("owner");--> statement-breakpoint
INSERT INTO "gateway_owner" ("tenant", "owner")
SELECT DISTINCT v."tenant", split_part(g.name, '/', 1)
FROM "resource_version" v, jsonb_array_elements_text(coalesce(v."spec"::jsonb -> 'gateways', '[]'::jsonb)) AS g(name)
WHERE v."kind" = 'route' AND v."to_revision" IS NULL AND strpos(g.name, '/') > 0;
