CREATE TABLE `domain` (
	`tenant` text NOT NULL,
	`name` text NOT NULL,
	`reversed` text NOT NULL,
	`token` text NOT NULL,
	`held` text,
	`created_at` integer NOT NULL,
	`proven_at` integer,
	`missing_since` integer,
	`checked_at` integer,
	`next_check_at` integer,
	`failures` integer NOT NULL,
	`reason` text,
	`cleared` integer NOT NULL,
	PRIMARY KEY(`tenant`, `name`),
	FOREIGN KEY (`tenant`) REFERENCES `tenant`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `domain_held_unique` ON `domain` (`held`);--> statement-breakpoint
CREATE INDEX `domain_reversed` ON `domain` (`reversed`);--> statement-breakpoint
CREATE INDEX `domain_next_check` ON `domain` (`next_check_at`);