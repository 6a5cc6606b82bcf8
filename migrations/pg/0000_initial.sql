CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"action" text COLLATE "C" NOT NULL,
	"target" text COLLATE "C" NOT NULL,
	"at" bigint NOT NULL,
	"request_id" text COLLATE "C" NOT NULL,
	"remote" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed" (
	"fleet" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"base" bigint NOT NULL,
	"leaves" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "feed_fleet_seq_pk" PRIMARY KEY("fleet","seq")
);
--> statement-breakpoint
CREATE TABLE "fleet" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"labels" text COLLATE "C" NOT NULL,
	"ports" text COLLATE "C" NOT NULL,
	"address" text COLLATE "C",
	"tenant" text COLLATE "C",
	"deny_destinations" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"version" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"floor" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fleet_counter" (
	"id" bigint PRIMARY KEY NOT NULL,
	"generation" bigint NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "guard" (
	"version" bigint NOT NULL,
	"head" bigint NOT NULL,
	"fleets" bigint NOT NULL,
	"host" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "host_claim" (
	"host" text COLLATE "C" PRIMARY KEY NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	"reversed" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"owner" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"request_hash" text COLLATE "C" NOT NULL,
	"status" bigint NOT NULL,
	"headers" text COLLATE "C" NOT NULL,
	"body" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "idempotency_owner_key_pk" PRIMARY KEY("owner","key")
);
--> statement-breakpoint
CREATE TABLE "node" (
	"fleet" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"agent" text COLLATE "C" NOT NULL,
	"version" text COLLATE "C" NOT NULL,
	"connected" bigint NOT NULL,
	"acked" bigint NOT NULL,
	"live" bigint NOT NULL,
	"last_seen_at" bigint NOT NULL,
	CONSTRAINT "node_fleet_name_pk" PRIMARY KEY("fleet","name")
);
--> statement-breakpoint
CREATE TABLE "rejection" (
	"tenant" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"fleet" text COLLATE "C" NOT NULL,
	"node" text COLLATE "C" NOT NULL,
	"resource" text COLLATE "C" NOT NULL,
	"path" text COLLATE "C" NOT NULL,
	"message" text COLLATE "C" NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "rejection_tenant_revision_fleet_node_resource_path_pk" PRIMARY KEY("tenant","revision","fleet","node","resource","path")
);
--> statement-breakpoint
CREATE TABLE "resource_version" (
	"tenant" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"from_revision" bigint NOT NULL,
	"to_revision" bigint,
	"spec" text COLLATE "C" NOT NULL,
	"info" text COLLATE "C",
	"labels" text COLLATE "C" NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "resource_version_tenant_from_revision_kind_name_pk" PRIMARY KEY("tenant","from_revision","kind","name")
);
--> statement-breakpoint
CREATE TABLE "revision" (
	"tenant" text COLLATE "C" NOT NULL,
	"number" bigint NOT NULL,
	"parent" bigint NOT NULL,
	"author" text COLLATE "C" NOT NULL,
	"message" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"content_hash" text COLLATE "C" NOT NULL,
	"changes" text COLLATE "C" NOT NULL,
	"restores" bigint,
	CONSTRAINT "revision_tenant_number_pk" PRIMARY KEY("tenant","number")
);
--> statement-breakpoint
CREATE TABLE "sealed_key" (
	"tenant" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"key_id" text COLLATE "C" NOT NULL,
	"sealed" text COLLATE "C" NOT NULL,
	CONSTRAINT "sealed_key_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"display_name" text COLLATE "C" NOT NULL,
	"labels" text COLLATE "C" NOT NULL,
	"revision" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"version" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "token" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"tenant" text COLLATE "C",
	"fleet" text COLLATE "C",
	"description" text COLLATE "C" NOT NULL,
	"scopes" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"revoked_at" bigint,
	"prefix" text COLLATE "C" NOT NULL,
	CONSTRAINT "token_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
ALTER TABLE "token" ADD CONSTRAINT "token_tenant_tenant_name_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token" ADD CONSTRAINT "token_fleet_fleet_name_fk" FOREIGN KEY ("fleet") REFERENCES "public"."fleet"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE INDEX "feed_tenant" ON "feed" USING btree ("tenant","revision");--> statement-breakpoint
CREATE INDEX "host_claim_reversed" ON "host_claim" USING btree ("reversed");--> statement-breakpoint
CREATE INDEX "host_claim_tenant" ON "host_claim" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "idempotency_created" ON "idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "rejection_fleet" ON "rejection" USING btree ("fleet");--> statement-breakpoint
CREATE UNIQUE INDEX "resource_version_head" ON "resource_version" USING btree ("tenant","kind","name") WHERE "resource_version"."to_revision" is null;--> statement-breakpoint
CREATE INDEX "token_tenant" ON "token" USING btree ("tenant","id");--> statement-breakpoint
CREATE INDEX "token_fleet" ON "token" USING btree ("fleet","id");