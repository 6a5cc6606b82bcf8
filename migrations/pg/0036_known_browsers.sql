CREATE TABLE "known_browser" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person" text COLLATE "C" NOT NULL,
	"session" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "known_browser" ADD CONSTRAINT "known_browser_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "known_browser_person" ON "known_browser" USING btree ("person","created_at");--> statement-breakpoint
CREATE INDEX "known_browser_expires" ON "known_browser" USING btree ("expires_at");