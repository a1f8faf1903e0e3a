"""The five services of the ticket office: behaviours, their contract, and the runtime that runs them on Ray."""
