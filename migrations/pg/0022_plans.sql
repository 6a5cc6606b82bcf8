CREATE TABLE "plan" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"description" text COLLATE "C" NOT NULL,
	"quotas" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"version" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "plan" text COLLATE "C" DEFAULT 'default' NOT NULL;--> statement-breakpoint
ALTER TABLE "guard" ADD COLUMN "quota" bigint DEFAULT 0 NOT NULL;