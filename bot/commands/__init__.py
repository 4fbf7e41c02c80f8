"""What the subcommands of ``yibao`` do; their options stand in bot/cli.py."""
