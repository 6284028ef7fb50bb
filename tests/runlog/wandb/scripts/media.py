import io
from pathlib import Path
import numpy as np
from PIL import Image
import wandb

wandb.init(project="media")
Path("clip.mp4").write_bytes(b"not quite a film")
Path("page.html").write_text("<h1>report</h1>")
Path("model.glb").write_bytes(b"glTF")
Path("1abc.pdb").write_text("ATOM")
Image.new("RGB", (4, 4), "red").save("red.png")
Image.new("RGB", (4, 4), "red").save("move.gif")
wandb.log({"from_path": wandb.Image("red.png", caption="red"), "gif": wandb.Video("move.gif", fps=4, format="gif")})
wandb.log({"clip": wandb.Video("clip.mp4", caption="take", format="mp4"), "report": wandb.Html(io.StringIO("<h1>report</h1>"))})
wandb.log({"inline": wandb.Html("<p>a</p>", inject=False), "mesh": wandb.Object3D(io.BytesIO(b"glTF"), file_type="glb"), "protein": wandb.Molecule("1abc.pdb")})
points = np.random.rand(10, 6)
wandb.log({"cloud": wandb.Object3D(points), "scene": wandb.Object3D({"type": "lidar/beta", "points": points[:, :3], "boxes": np.array([])})})
wandb.log({"tone": [wandb.Audio(np.sin(np.arange(800) / 10), caption="a", sample_rate=8000), wandb.Audio(np.zeros((80, 2)), sample_rate=8000, caption="b")]})
wandb.log({"smiles": wandb.Molecule.from_smiles("CC(=O)O"), "grey": wandb.Image(np.random.rand(6, 6)), "alpha": wandb.Image(np.random.rand(6, 6, 4))})
wandb.log({"pil": wandb.Image(Image.new("L", (5, 5)), mode="RGB"), "bytes": wandb.Image(io.BytesIO(Path("red.png").read_bytes()))})
wandb.log({"missing": wandb.Image("none.png")})  # error: none.png
wandb.log({"rate": wandb.Audio(np.zeros(10))})  # error: sample_rate must be given
wandb.log({"bad": wandb.Object3D(np.zeros((3, 5)))})  # error: points must be N×3, N×4 or N×6
wandb.log({"five": wandb.Image(np.zeros((4, 4, 5)))})  # error: 5
wandb.finish()
