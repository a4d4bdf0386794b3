"""Floor 3: disks, opened by content: raw and E01 images, partition tables, NTFS, FAT and ext."""
