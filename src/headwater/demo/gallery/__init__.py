"""What happened on the platform: visits, sales, uploads, downloads, and what its server wrote down."""
