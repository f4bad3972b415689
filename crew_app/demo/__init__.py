"""A made-up Boston to try the system on: its departments and services are the city's, everything that happens is not."""
