CREATE TABLE `attached_host` (
	`owner` text NOT NULL,
	`host` text NOT NULL,
	`tenant` text NOT NULL,
	`reversed` text NOT NULL,
	PRIMARY KEY(`owner`, `host`)
);
--> statement-breakpoint
CREATE INDEX `attached_host_tenant` ON `attached_host` (`tenant`);--> statement-breakpoint
CREATE INDEX `attached_host_reversed` ON `attached_host` (`owner`,`reversed`);