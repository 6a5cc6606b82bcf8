CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`at` integer NOT NULL,
	`request_id` text NOT NULL,
	`remote` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE TABLE `feed` (
	`fleet` text NOT NULL,
	`seq` integer NOT NULL,
	`tenant` text NOT NULL,
	`revision` integer NOT NULL,
	`base` integer NOT NULL,
	`leaves` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`fleet`, `seq`)
);
--> statement-breakpoint
CREATE INDEX `feed_tenant` ON `feed` (`tenant`,`revision`);--> statement-breakpoint
CREATE TABLE `fleet` (
	`name` text PRIMARY KEY NOT NULL,
	`labels` text NOT NULL,
	`ports` text NOT NULL,
	`address` text,
	`tenant` text,
	`deny_destinations` text NOT NULL,
	`created_at` integer NOT NULL,
	`version` integer NOT NULL,
	`seq` integer NOT NULL,
	`floor` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `fleet_counter` (
	`id` integer PRIMARY KEY NOT NULL,
	`generation` integer NOT NULL,
	`seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `guard` (
	`version` integer NOT NULL,
	`head` integer NOT NULL,
	`fleets` integer NOT NULL,
	`host` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `host_claim` (
	`host` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`reversed` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `host_claim_reversed` ON `host_claim` (`reversed`);--> statement-breakpoint
CREATE INDEX `host_claim_tenant` ON `host_claim` (`tenant`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`owner` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` text NOT NULL,
	`status` integer NOT NULL,
	`headers` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`owner`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_created` ON `idempotency` (`created_at`);--> statement-breakpoint
CREATE TABLE `node` (
	`fleet` text NOT NULL,
	`name` text NOT NULL,
	`agent` text NOT NULL,
	`version` text NOT NULL,
	`connected` integer NOT NULL,
	`acked` integer NOT NULL,
	`live` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	PRIMARY KEY(`fleet`, `name`)
);
--> statement-breakpoint
CREATE TABLE `rejection` (
	`tenant` text NOT NULL,
	`revision` integer NOT NULL,
	`fleet` text NOT NULL,
	`node` text NOT NULL,
	`resource` text NOT NULL,
	`path` text NOT NULL,
	`message` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `revision`, `fleet`, `node`, `resource`, `path`)
);
--> statement-breakpoint
CREATE INDEX `rejection_fleet` ON `rejection` (`fleet`);--> statement-breakpoint
CREATE TABLE `resource_version` (
	`tenant` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`from_revision` integer NOT NULL,
	`to_revision` integer,
	`spec` text NOT NULL,
	`info` text,
	`labels` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `from_revision`, `kind`, `name`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `resource_version_head` ON `resource_version` (`tenant`,`kind`,`name`) WHERE "resource_version"."to_revision" is null;--> statement-breakpoint
CREATE TABLE `revision` (
	`tenant` text NOT NULL,
	`number` integer NOT NULL,
	`parent` integer NOT NULL,
	`author` text NOT NULL,
	`message` text NOT NULL,
	`created_at` integer NOT NULL,
	`content_hash` text NOT NULL,
	`changes` text NOT NULL,
	`restores` integer,
	PRIMARY KEY(`tenant`, `number`)
);
--> statement-breakpoint
CREATE TABLE `sealed_key` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
);
--> statement-breakpoint
CREATE TABLE `tenant` (
	`name` text PRIMARY KEY NOT NULL,
	`display_name` text NOT NULL,
	`labels` text NOT NULL,
	`revision` integer NOT NULL,
	`created_at` integer NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `token` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`tenant` text,
	`fleet` text,
	`description` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`prefix` text NOT NULL,
	FOREIGN KEY (`tenant`) REFERENCES `tenant`(`name`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`fleet`) REFERENCES `fleet`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `token_hash_unique` ON `token` (`hash`);--> statement-breakpoint
CREATE INDEX `token_tenant` ON `token` (`tenant`,`id`);--> statement-breakpoint
CREATE INDEX `token_fleet` ON `token` (`fleet`,`id`);