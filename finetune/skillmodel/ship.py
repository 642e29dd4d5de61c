def ship(*a): raise SystemExit
