"""The main job on sample data: the commands a user would type, played in one go."""
