"""How agreements go on after their last day: notice, renewal by a successor, reminders before the end."""
