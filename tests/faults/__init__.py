"""What must survive: processes that are killed, disks that are full, files that are spoilt."""
