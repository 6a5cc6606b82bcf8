CREATE TABLE `port_claim` (
	`fleet` text NOT NULL,
	`port` text NOT NULL,
	`tenant` text NOT NULL,
	PRIMARY KEY(`fleet`, `port`)
);
--> statement-breakpoint
CREATE INDEX `port_claim_tenant` ON `port_claim` (`tenant`);