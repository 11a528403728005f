"""One file for each command group; ``main.COMMANDS`` names them, and they are loaded on use."""
